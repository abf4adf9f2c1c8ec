"""The addresses of the API. Everything of a project stands under /api/v1/projects/<slug>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from annotations.api import (
    checks,
    compare,
    data,
    labelsessions,
    log,
    projects,
    queues,
    runs,
    schema,
    tokens,
    tools,
    trees,
)

in_project: list[URLPattern] = [
    path("", projects.Project.as_view(), name="api-project"),
    path("problems/", projects.Problems.as_view(), name="api-problems"),
    path("problems/<int:problem_id>/", projects.Problem.as_view(), name="api-problem"),
    path("trees/", trees.Trees.as_view(), name="api-trees"),
    path("trees/<int:tree_id>/", trees.Tree.as_view(), name="api-tree"),
    path("trees/<int:tree_id>/stop/", trees.Stop.as_view(), name="api-tree-stop"),
    path("nodes/<int:node_id>/labels/", trees.Labels.as_view(), name="api-labels"),
    path("nodes/<int:node_id>/undo/", trees.Undo.as_view(), name="api-undo"),
    path("runs/", runs.Runs.as_view(), name="api-runs"),
    path("runs/<int:run_id>/", runs.Run.as_view(), name="api-run"),
    path("runs/compare/", compare.Compare.as_view(), name="api-run-compare"),
    path("runs/<int:run_id>/cancel/", runs.Cancel.as_view(), name="api-run-cancel"),
    path("runs/<int:run_id>/pause/", runs.Pause.as_view(), name="api-run-pause"),
    path("runs/<int:run_id>/resume/", runs.Resume.as_view(), name="api-run-resume"),
    path("runs/<int:run_id>/changes/", checks.Changes.as_view(), name="api-run-changes"),
    path("runs/<int:run_id>/labels/use/", checks.UseLabels.as_view(), name="api-labels-use"),
    path("runs/<int:run_id>/labels/back/", checks.TakeBack.as_view(), name="api-labels-back"),
    path("tools/", tools.Tools.as_view(), name="api-tools"),
    path("imports/", data.Imports.as_view(), name="api-imports"),
    path("log/", log.Log.as_view(), name="api-log"),
    path("label-sessions/", labelsessions.LabelSessions.as_view(), name="api-label-sessions"),
    path("queues/", queues.Queues.as_view(), name="api-queues"),
    path("queues/<int:queue_id>/", queues.Queue.as_view(), name="api-queue"),
    path("queues/<int:queue_id>/items/", queues.QueueItems.as_view(), name="api-queue-items"),
    path("exports/", data.Exports.as_view(), name="api-exports"),
    path("exports/<int:snapshot_id>/", data.Export.as_view(), name="api-export"),
    path("exports/<int:snapshot_id>/download/", data.Download.as_view(), name="api-download"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/schema/", schema.view, name="api-schema"),
    path("v1/token/", tokens.Token.as_view(), name="api-token"),
    path("v1/projects/", projects.Projects.as_view(), name="api-projects"),
    path("v1/projects/<slug:slug>/", include(in_project)),
]
