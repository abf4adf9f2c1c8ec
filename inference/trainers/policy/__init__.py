"""Fine-tuning a policy: a LoRA adapter that makes a small model solve word problems in the studio's step format."""
