"""The catalogue of documents, and how she files them."""
