"""Language models that are trained before a classifier: what all kinds of them share."""
