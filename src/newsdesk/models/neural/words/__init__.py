"""What the families of networks on words share: all but the network."""
