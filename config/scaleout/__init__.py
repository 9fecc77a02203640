"""What stands in the way of one organization on another cluster, and of sharding by organization; from the catalog."""
