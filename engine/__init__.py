"""The retrieval engine: documents to passages to vectors to rankings; knows neither training nor screens."""
