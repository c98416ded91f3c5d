# Cronbach's alpha and McDonald's omega of omega_items.csv: base R's factanal, its own optimiser.
# Rscript tests/reference/omega.R
set.seed(7)
n <- 150
factor <- rnorm(n)
loadings <- c(0.85, 0.7, 0.6, 0.5, 0.4)
items <- sapply(loadings, function(l) round(l * factor + sqrt(1 - l^2) * rnorm(n), 3))
colnames(items) <- paste0("q", 1:5)
write.csv(items, "tests/reference/omega_items.csv", row.names = FALSE)
items <- read.csv("tests/reference/omega_items.csv")
v <- cov(items)
k <- ncol(items)
alpha <- k / (k - 1) * (1 - sum(diag(v)) / sum(v))
fit <- factanal(covmat = cor(items), factors = 1, n.obs = n, control = list(opt = list(factr = 1)))
omega <- sum(fit$loadings)^2 / (sum(fit$loadings)^2 + sum(fit$uniquenesses))
writeLines(sprintf('{"alpha": %.12f, "omega": %.12f}', alpha, omega), "tests/reference/omega.json")
