"""A verdict or score has exactly one target, whose reference ties it to the project: the second tie goes."""

from django.db import migrations

TABLES = ("toolcheck", "score")
UNTIE = ";".join(f"ALTER TABLE annotations_{table} DROP CONSTRAINT {table}_project_fk" for table in TABLES)
TIE = ";".join(
    f"ALTER TABLE annotations_{table} ADD CONSTRAINT {table}_project_fk FOREIGN KEY (project_id)"
    " REFERENCES annotations_project (id) ON DELETE CASCADE"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0014_pauses")]
    operations = [migrations.RunSQL(UNTIE, TIE)]
