"""Rules that the database holds whatever writes: rows of one project only, words of machines and people never change."""

from __future__ import annotations

from django.db import migrations

# table -> [(column, parent table, nullable)]: each becomes FOREIGN KEY (project_id, column) -> parent (project_id, id).
PARENTS = {
    "problem": [("parent_problem_id", "problem")],
    "tree": [("problem_id", "problem"), ("run_id", "run"), ("shard_id", "runshard")],
    "node": [("tree_id", "tree"), ("run_id", "run")],
    "nodelink": [("source_id", "node"), ("target_id", "node"), ("run_id", "run")],
    "rationale": [
        ("problem_id", "problem"),
        ("tree_id", "tree"),
        ("leaf_id", "node"),
        ("run_id", "run"),
        ("revision_of_id", "rationale"),
    ],
    "toolcheck": [("node_id", "node"), ("rationale_id", "rationale"), ("run_id", "run")],
    "score": [
        ("node_id", "node"),
        ("rationale_id", "rationale"),
        ("model_id", "modelartefact"),
        ("run_id", "run"),
    ],
    "labelscheme": [],
    "labelevent": [
        ("node_id", "node"),
        ("rationale_id", "rationale"),
        ("scheme_id", "labelscheme"),
        ("supersedes_id", "labelevent"),
    ],
    "run": [("parent_run_id", "run")],
    "runshard": [("run_id", "run")],
    "modelartefact": [("run_id", "run")],
    "datasetsnapshot": [("run_id", "run")],
}
REFERRED = ["problem", "tree", "node", "rationale", "labelscheme", "labelevent", "run", "runshard", "modelartefact"]
# Tables whose first parent is never NULL are tied to the project through it.
TIED = {"tree", "node", "nodelink", "rationale", "runshard", "labelevent"}


def tenancy_sql() -> str:
    """Return the unique keys and composite foreign keys; the database cascades a project's deletion."""
    lines = [f"ALTER TABLE annotations_{t} ADD CONSTRAINT {t}_in_project UNIQUE (project_id, id);" for t in REFERRED]
    for table, parents in PARENTS.items():
        if table not in TIED:
            lines.append(
                f"ALTER TABLE annotations_{table} ADD CONSTRAINT {table}_project_fk FOREIGN KEY (project_id)"
                " REFERENCES annotations_project (id) ON DELETE CASCADE;"
            )
        for column, parent in parents:
            lines.append(
                f"ALTER TABLE annotations_{table} ADD CONSTRAINT {table}_{column}_fk"
                f" FOREIGN KEY (project_id, {column}) REFERENCES annotations_{parent} (project_id, id)"
                " ON DELETE CASCADE;"
            )
    lines.append(
        "ALTER TABLE annotations_node ADD CONSTRAINT node_parent_fk FOREIGN KEY (tree_id, parent_seq)"
        " REFERENCES annotations_node (tree_id, seq) ON DELETE CASCADE;"
    )
    return "\n".join(lines)


UNCHANGED = """
CREATE FUNCTION annotations_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % % never changes', TG_ARGV[0], TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER node_words_stay BEFORE UPDATE ON annotations_node FOR EACH ROW
    WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.role IS DISTINCT FROM NEW.role
          OR OLD.tree_id IS DISTINCT FROM NEW.tree_id OR OLD.seq IS DISTINCT FROM NEW.seq
          OR OLD.parent_seq IS DISTINCT FROM NEW.parent_seq OR OLD.project_id IS DISTINCT FROM NEW.project_id)
    EXECUTE FUNCTION annotations_words_stay('what a machine said');
CREATE TRIGGER tool_check_stays BEFORE UPDATE ON annotations_toolcheck FOR EACH ROW
    EXECUTE FUNCTION annotations_words_stay('a verdict');
CREATE TRIGGER score_stays BEFORE UPDATE ON annotations_score FOR EACH ROW
    EXECUTE FUNCTION annotations_words_stay('a score');
CREATE TRIGGER label_event_stays BEFORE UPDATE ON annotations_labelevent FOR EACH ROW
    EXECUTE FUNCTION annotations_words_stay('a label event');

CREATE FUNCTION annotations_labels_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('studio.deleting_project', true) IS DISTINCT FROM OLD.project_id::text THEN
        RAISE EXCEPTION 'label event % is kept: events are appended, never deleted', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER label_event_kept BEFORE DELETE ON annotations_labelevent FOR EACH ROW
    EXECUTE FUNCTION annotations_labels_stay();
"""

BACK = """
DROP TRIGGER label_event_kept ON annotations_labelevent;
DROP TRIGGER label_event_stays ON annotations_labelevent;
DROP TRIGGER score_stays ON annotations_score;
DROP TRIGGER tool_check_stays ON annotations_toolcheck;
DROP TRIGGER node_words_stay ON annotations_node;
DROP FUNCTION annotations_labels_stay();
DROP FUNCTION annotations_words_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [
        migrations.RunSQL(tenancy_sql(), migrations.RunSQL.noop),
        migrations.RunSQL(UNCHANGED, BACK),
    ]
