from django.db import migrations, models

# What was counted before has no kinds yet: it is all due again.
AFRESH = """
INSERT INTO annotations_reviewdue (project_id, node_id) SELECT project_id, node_id FROM annotations_reviewstep;
TRUNCATE annotations_reviewstep, annotations_reviewcell, annotations_reviewscore;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0011_policy_runs'),
    ]

    operations = [
        migrations.RunSQL(AFRESH, AFRESH),
        migrations.RemoveIndex(
            model_name='reviewscore',
            name='review_score_in_order',
        ),
        migrations.RemoveField(
            model_name='reviewscore',
            name='value',
        ),
        migrations.AddField(
            model_name='reviewscore',
            name='other',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AddField(
            model_name='reviewscore',
            name='kind',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='reviewscore',
            name='sure',
            field=models.FloatField(),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='reviewstep',
            name='said',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='reviewscore',
            index=models.Index(fields=['project', 'scorer', 'other', 'kind', '-sure', 'node'], include=['cell'], name='review_score_by_kind'),
        ),
        migrations.AddIndex(
            model_name='reviewscore',
            index=models.Index(fields=['project', 'scorer', 'other', 'cell', '-sure', 'node'], name='review_score_in_cell'),
        ),
        migrations.AddIndex(
            model_name='reviewstep',
            index=models.Index(fields=['project', 'said', 'node'], include=['cell'], name='review_step_by_said'),
        ),
        migrations.AddIndex(
            model_name='reviewcell',
            index=models.Index(fields=['project'], name='review_cell_of_project'),
        ),
    ]
