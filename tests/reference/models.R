# Reference numbers for test_regression.py: R's glm, polr (MASS) and lmer (lme4) on panel.csv.
#   Rscript tests/reference/models.R
# writes models.csv beside this script. Tests read only the CSV files.
suppressMessages({library(MASS); library(lme4)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
panel <- read.csv(file.path(here, "panel.csv"))
panel$share <- plogis(panel$outcome)
panel$yes <- as.numeric(panel$outcome > 0)
panel$grade <- cut(panel$outcome, c(-Inf, -0.5, 0.5, Inf), ordered_result = TRUE)
panel$ever <- as.numeric(!is.na(panel$first_treated))
out <- list()
add <- function(name, value) out[[length(out) + 1]] <<- data.frame(name = name, value = value)
effect <- function(fit, data) {
  treated <- data[data$treated == 1, ]
  mean(predict(fit, treated, type = "response") -
         predict(fit, transform(treated, treated = 0), type = "response"))
}
for (y in c("share", "yes")) {
  fit <- glm(reformulate(c("treated", "covariate", "factor(school)", "factor(term)"), y),
             family = quasibinomial, data = panel, control = list(epsilon = 1e-12))
  add(paste0(y, " coefficient"), coef(fit)[["treated"]])
  add(paste0(y, " effect"), effect(fit, panel))
}
fit <- polr(grade ~ treated + covariate + factor(term), data = panel, Hess = FALSE,
            control = list(reltol = 1e-14))
add("polr treated", coef(fit)[["treated"]])
after <- panel[panel$term >= 3, ]
after$outcome <- after$outcome + 0.3 * after$school  # schools that differ, so that no variance is zero
fit <- lmer(outcome ~ ever + covariate + (1 | school), data = after)
add("lmer ever", fixef(fit)[["ever"]])
add("lmer se", sqrt(vcov(fit)["ever", "ever"]))
empty <- lmer(outcome ~ 1 + (1 | school), data = after)
v <- as.data.frame(VarCorr(empty))$vcov
add("lmer icc", v[1] / sum(v))
add("lmer total sd", sqrt(sum(v)))
fit <- lm(outcome ~ ever + covariate + factor(term), data = after)
add("ancova ever", coef(fit)[["ever"]])
out <- do.call(rbind, out)
out$value <- sprintf("%.10g", out$value)
write.csv(out, file.path(here, "models.csv"), row.names = FALSE, quote = FALSE)
