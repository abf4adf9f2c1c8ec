from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0018_label_desk'),
    ]

    operations = [
        migrations.AddField(
            model_name='labelqueue',
            name='said_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
