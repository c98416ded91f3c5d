# Reference numbers for test_clubsandwich.py. Needs R with clubSandwich (Debian: r-cran-clubsandwich).
#   Rscript tests/reference/clubsandwich.R
# reads panel.csv and writes clubsandwich.csv beside this script. Tests read only the CSV files.
suppressMessages(library(clubSandwich))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
panel <- read.csv(file.path(here, "panel.csv"))
panel$pupil <- factor(panel$pupil)
rows <- list()
for (weighted in c(FALSE, TRUE)) {
  fit <- if (weighted) {
    lm(outcome ~ treated + covariate + factor(term) + pupil, data = panel, weights = weight)
  } else {
    lm(outcome ~ treated + covariate + factor(term) + pupil, data = panel)
  }
  for (type in c("CR1", "CR2")) {
    v <- vcovCR(fit, cluster = panel$school, type = type, inverse_var = weighted)
    t <- coef_test(fit, vcov = v, test = "Satterthwaite", coefs = "treated")
    rows[[length(rows) + 1]] <- data.frame(
      weighted = weighted, type = type, estimate = coef(fit)[["treated"]], std_error = t$SE,
      df = t[[grep("^df", names(t), value = TRUE)[1]]]
    )
  }
}
# clubSandwich's CR3 needs I - H invertible, which indicators nested in the cluster forbid; the
# jackknife with R's own lm is the same thing where both exist, up to the factor (G-1)/G.
for (weighted in c(FALSE, TRUE)) {
  panel$w <- if (weighted) panel$weight else 1
  effect <- function(data) {
    coef(lm(outcome ~ treated + covariate + factor(term) + factor(pupil), data, weights = w))[["treated"]]
  }
  full <- effect(panel)
  schools <- unique(panel$school)
  left_out <- sapply(schools, function(s) effect(panel[panel$school != s, ]))
  g <- length(schools)
  rows[[length(rows) + 1]] <- data.frame(
    weighted = weighted, type = "jackknife", estimate = full,
    std_error = sqrt((g - 1) / g * sum((left_out - full)^2)), df = g - 1
  )
}
out <- do.call(rbind, rows)
out$estimate <- sprintf("%.12g", out$estimate)
out$std_error <- sprintf("%.12g", out$std_error)
out$df <- sprintf("%.12g", out$df)
write.csv(out, file.path(here, "clubsandwich.csv"), row.names = FALSE, quote = FALSE)

# Approximate Hotelling T^2 of the treatment and the covariate, and of the terms besides.
tests <- list()
for (weighted in c(FALSE, TRUE)) {
  fit <- if (weighted) {
    lm(outcome ~ treated + covariate + factor(term) + pupil, data = panel, weights = weight)
  } else {
    lm(outcome ~ treated + covariate + factor(term) + pupil, data = panel)
  }
  v <- vcovCR(fit, cluster = panel$school, type = "CR2", inverse_var = weighted)
  for (coefs in list("treated", c("treated", "covariate"))) {
    w <- Wald_test(fit, constraints = constrain_zero(coefs), vcov = v, test = "HTZ")
    tests[[length(tests) + 1]] <- data.frame(
      weighted = weighted, restrictions = length(coefs), f = sprintf("%.12g", w$Fstat),
      df = sprintf("%.12g", w$df_denom), p_value = sprintf("%.12g", w$p_val)
    )
  }
}
write.csv(do.call(rbind, tests), file.path(here, "hotelling.csv"), row.names = FALSE, quote = FALSE)

# The example of Pustejovsky & Tipton's correction (2023), whose variance .8276 needs their full
# adjustment: ten rows in three clusters, weights 1/R.
example <- data.frame(
  y = c(1.6, 4.1, 2.6, 1.0, 7.6, 6.7, 5.0, 3.1, 3.7, 5.8), R = c(1:2, 1:3, 1:5),
  cluster = rep(c("A", "B", "C"), c(2, 3, 5))
)
fit <- lm(y ~ 0 + R + cluster, data = example, weights = 1 / R)
v <- vcovCR(fit, cluster = example$cluster, type = "CR2", inverse_var = TRUE)
cat("corrected example:", v[1, 1], "\n")
cat(R.version.string, "clubSandwich", as.character(packageVersion("clubSandwich")), "\n")
