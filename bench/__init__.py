"""How fast it is: one script a question, each answer a ratio to something measured in the same run. See README.md."""
