"""The web pages. A view asks a selector or calls one writing function, and renders a page or its part."""
