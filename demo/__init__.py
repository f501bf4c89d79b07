"""The invented town of Тихоозёрск and the local servers that speak as the platforms do."""
