import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# table -> [(column, parent table)], as in 0002_tenancy: rows of one project only.
PARENTS = {"stepchange": [("run_id", "run"), ("node_id", "node")]}


def tenancy_sql() -> str:
    """Return the composite foreign keys; the database cascades a project's deletion."""
    return "\n".join(
        f"ALTER TABLE annotations_{table} ADD CONSTRAINT {table}_{column}_fk"
        f" FOREIGN KEY (project_id, {column}) REFERENCES annotations_{parent} (project_id, id) ON DELETE CASCADE;"
        for table, parents in PARENTS.items()
        for column, parent in parents
    )


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0016_verifier_evidence'),
    ]

    operations = [
        migrations.AddField(
            model_name='toolcheck',
            name='taken_over',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='StepChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('kind', models.CharField(choices=[('verdict', 'Verdict'), ('label', 'Label')], max_length=10)),
                ('before', models.CharField(blank=True, db_default='', default='', max_length=10)),
                ('after', models.CharField(blank=True, db_default='', default='', max_length=10)),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('used', models.BooleanField(db_default=False, default=False)),
                ('node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotations.node')),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotations.project')),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='changes', to='annotations.run')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'kind', 'before', 'after', 'id'], name='step_change_in_order'), models.Index(condition=models.Q(('used', True)), fields=['project'], name='step_change_used')],
                'constraints': [models.UniqueConstraint(fields=('node', 'run', 'kind'), name='step_change_once')],
            },
        ),
        migrations.RunSQL(tenancy_sql(), migrations.RunSQL.noop),
    ]
