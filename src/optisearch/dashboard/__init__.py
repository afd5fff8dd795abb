"""`optisearch dashboard`: optuna-dashboard and pages of ours, served to those who may see them."""
