"""The four demo films: a small ray tracer for what stands still, meshes for what moves."""
