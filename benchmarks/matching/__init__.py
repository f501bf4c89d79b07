"""Matching posts against many saved searches: ours beside the Elasticsearch percolator and Lucene Monitor."""
