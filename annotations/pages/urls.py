"""The addresses of the pages. Everything of a project stands under /p/<slug>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from annotations.pages import (
    account,
    again,
    changes,
    compare,
    data,
    deskacts,
    deskkeys,
    gold,
    home,
    labels,
    models,
    passrates,
    policies,
    problems,
    queueforms,
    queues,
    quality,
    review,
    run_control,
    runs,
    settings,
    sources,
    tools,
    tour,
    trees,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # Asked most often, and waited for at every key press.
    *deskacts.urlpatterns,
    *account.urlpatterns,
    *home.urlpatterns,
    *problems.urlpatterns,
    *trees.urlpatterns,
    *labels.urlpatterns,
    *runs.urlpatterns,
    *again.urlpatterns,
    *changes.urlpatterns,
    *compare.urlpatterns,
    *run_control.urlpatterns,
    *passrates.urlpatterns,
    *review.urlpatterns,
    *queues.urlpatterns,
    *queueforms.urlpatterns,
    *models.urlpatterns,
    *policies.urlpatterns,
    *tools.urlpatterns,
    *data.urlpatterns,
    *deskkeys.urlpatterns,
    *sources.urlpatterns,
    *settings.urlpatterns,
    *tour.urlpatterns,
    *quality.urlpatterns,
    *gold.urlpatterns,
]
