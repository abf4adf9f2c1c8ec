"""Low-rank adaptation (Hu and others, 2021) of a causal model on worked solutions, by trl and peft.

1. Pack whole solutions one after the other into texts of one length: little padding, and each solution but the first
   stands behind worked ones, as it will when the model is asked. Only what the model is to say is learnt, not
   the problems.
2. Train low-rank matrices beside the linear layers of the last layers; the model itself stays as it is.
3. Write the adapter as safetensors in bf16, with the settings and what they gave beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from inference.trainers.policy.corpus import packed
from inference.trainers.policy.params import PolicyParams

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARM_UP_STEPS = 10


def train_adapter(
    base: Path,
    texts: Sequence[tuple[str, str]],
    params: PolicyParams,
    out: Path,
    progress: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Train an adapter of the model in `base` on `texts` (asked, said), write it to `out` and return its figures.

    `progress` gets {"step", "steps", "loss"} after each step and may raise to stop. ImportError names a missing extra.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    trl: Any = import_module("trl")  # it loads its names when they are asked for, unseen by type checkers
    torch.set_num_threads(params.threads or max(1, len(os.sched_getaffinity(0))))
    source: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    tokenizer: Any = AutoTokenizer.from_pretrained(base, **source)
    loader: Any = AutoModelForCausalLM
    model = loader.from_pretrained(base, use_safetensors=True, dtype=torch.float32, **source)
    tokens = [(tokenizer(asked)["input_ids"], tokenizer(said)["input_ids"]) for asked, said in texts]
    rows = [
        {"input_ids": row, "labels": learnt(row, mask)}
        for row, mask in packed(tokens, params.length, tokenizer.eos_token_id)
    ]
    if len(rows) < params.batch:
        raise ValueError(f"expected at least {params.batch * params.length} tokens to learn from")
    trainer = trl.SFTTrainer(
        model=model,
        args=_arguments(params, out),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=_adapter(params, int(model.config.num_hidden_layers)),
        callbacks=[_watcher(progress)],
    )
    ended = trainer.train()
    figures = {"loss": round(float(ended.training_loss), 4), "steps": int(ended.global_step), "texts": len(texts),
               "tokens": len(rows) * params.length}  # fmt: skip
    trainer.model.to(torch.bfloat16).save_pretrained(out, safe_serialization=True)
    (out / "training.json").write_text(json.dumps({"params": params.as_dict(), **figures}, indent=1) + "\n")
    return figures


def learnt(row: Sequence[int], mask: Sequence[int]) -> list[int]:
    """Return the labels of a text: its tokens where one learns, -100 elsewhere."""
    return [token if learns else -100 for token, learns in zip(row, mask, strict=True)]


def _adapter(params: PolicyParams, depth: int) -> Any:
    from peft import LoraConfig

    first = max(0, depth - params.layers) if params.layers else 0
    return LoraConfig(
        r=params.rank,
        lora_alpha=2 * params.rank,
        target_modules=LINEAR,
        layers_to_transform=list(range(first, depth)),
        task_type="CAUSAL_LM",
    )


def _arguments(params: PolicyParams, out: Path) -> Any:
    import torch

    trl: Any = import_module("trl")
    return trl.SFTConfig(
        output_dir=str(out),
        per_device_train_batch_size=params.batch,
        num_train_epochs=params.epochs,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=WARM_UP_STEPS,
        max_length=params.length,
        packing=False,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        save_strategy="no",
        report_to=[],
        logging_steps=1,
        disable_tqdm=True,
        seed=params.seed,
        dataset_kwargs={"skip_prepare_dataset": True},
    )


def _watcher(progress: Callable[[dict[str, Any]], None]) -> Any:
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kept: Any) -> None:
            if "loss" in (logs or {}):
                loss = round(float(logs["loss"]), 4)
                progress({"step": int(state.global_step), "steps": int(state.max_steps), "loss": loss})

    return Watcher()
