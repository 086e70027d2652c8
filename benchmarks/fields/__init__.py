"""Fields side by side: every model of one data set in one table, and a page to listen to them."""
