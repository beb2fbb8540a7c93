"""Files of any make as a grid of texts: text files, workbooks and web pages with tables."""
