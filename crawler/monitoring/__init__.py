"""What `otklik run` says of itself: metrics for Prometheus, and a heartbeat while all is well."""
