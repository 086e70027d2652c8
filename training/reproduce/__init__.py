"""The study's experimental programme from one command: a recipe of networks, data sets and seeds -> tables and pictures."""
