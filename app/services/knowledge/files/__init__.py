"""Files of articles: Markdown, plain text, CSV and PDF, each read into drafts, whatever is in them."""
