"""What tests share: specifications, laws, strategies, fakes, servers."""
