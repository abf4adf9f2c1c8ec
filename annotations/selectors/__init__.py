"""Reading. Every selector takes the viewer (or his Access) first and returns only what he may see."""
