"""Pages that compose several features: home, the campaign, its history, the company."""
