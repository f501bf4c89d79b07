"""What happens to posts: one step a module, in the order of `way.STEPS`."""
