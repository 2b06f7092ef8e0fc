"""From what a person has (a scene, a bundle, a command line) to a job the queue takes."""
