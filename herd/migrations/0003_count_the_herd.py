"""Counts and sums of the herd as it stands; from now on they are kept by differences."""

from django.db import migrations

BATCHES = """
UPDATE batches SET
  head_count = (SELECT count(*) FROM cattle WHERE batch_id = batches.id),
  on_feed_count = (SELECT count(*) FROM cattle WHERE batch_id = batches.id
                   AND status IN ('active', 'pending')),
  weighed_count = (SELECT count(last_weight_kg) FROM cattle WHERE batch_id = batches.id),
  weight_sum_kg = (SELECT coalesce(sum(last_weight_kg), 0) FROM cattle
                   WHERE batch_id = batches.id),
  gaining_count = (SELECT count(adg_kg) FROM cattle WHERE batch_id = batches.id),
  gain_sum_kg = (SELECT coalesce(sum(adg_kg), 0) FROM cattle WHERE batch_id = batches.id)
"""
PENS = """
UPDATE pens SET head_count = (SELECT count(*) FROM cattle WHERE pen_id = pens.id
                              AND status IN ('active', 'pending'))
"""


class Migration(migrations.Migration):
    dependencies = [("herd", "0002_figures_and_changes")]

    operations = [
        migrations.RunSQL(BATCHES, migrations.RunSQL.noop),
        migrations.RunSQL(PENS, migrations.RunSQL.noop),
    ]
