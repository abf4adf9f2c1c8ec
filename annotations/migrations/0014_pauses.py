from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0013_completions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('paused', 'Paused'), ('cancelling', 'Cancelling'), ('cancelled', 'Cancelled'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10),
        ),
        migrations.AddField(
            model_name='run',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='paused_seconds',
            field=models.FloatField(db_default=0.0, default=0.0),
        ),
    ]
