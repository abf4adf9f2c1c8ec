"""What happens at the labelling desk: queues are filled, items taken and labelled, labels settled. No request here."""
