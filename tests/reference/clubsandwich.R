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
# With weights ours is the unweighted regression after multiplying every column by the root of the
# weight. clubSandwich's own weighted CR2 takes another root of the same matrix (both are unbiased
# under the working model), so it is asked for the transformed regression.
X <- model.matrix(~ treated + covariate + factor(term) + pupil, data = panel) * sqrt(panel$weight)
y <- panel$outcome * sqrt(panel$weight)
fit <- lm(y ~ 0 + X)
v <- vcovCR(fit, cluster = panel$school, type = "CR2")
t <- coef_test(fit, vcov = v, test = "Satterthwaite", coefs = "Xtreated")
rows[[length(rows) + 1]] <- data.frame(
  weighted = TRUE, type = "CR2 transformed", estimate = coef(fit)[["Xtreated"]], std_error = t$SE,
  df = t[[grep("^df", names(t), value = TRUE)[1]]]
)
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
cat(R.version.string, "clubSandwich", as.character(packageVersion("clubSandwich")), "\n")
