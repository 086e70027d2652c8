"""The instruments that ship with the program: their recipes, and one chain that makes them."""
