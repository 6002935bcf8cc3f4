"""Pictures of a model for people: stock-and-flow diagrams a sector, a sketch for Vensim, the named loops."""
