"""The base of every admin page of ours: rows are looked at, not edited, and opening a list never counts a table of
millions. Knows no model."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.admin import ShowFacets
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

__all__ = ["BoundedChangeList", "BoundedPaginator", "ModelAdmin", "ModelForm", "ReadOnlyAdmin"]

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.views.main import ChangeList
    from django.core.paginator import Paginator
    from django.forms import ModelForm
else:  # at run time neither is generic
    from django.core.paginator import Paginator as PlainPaginator
    from django.forms import ModelForm as PlainModelForm
    from unfold.admin import ModelAdmin as PlainModelAdmin
    from unfold.views import ChangeList

    class ModelAdmin(PlainModelAdmin):
        def __class_getitem__(cls, _row):
            return cls

    class ModelForm(PlainModelForm):
        def __class_getitem__(cls, _row):
            return cls

    class Paginator(PlainPaginator):
        def __class_getitem__(cls, _item):
            return cls


class BoundedPaginator(Paginator[Any]):
    """Counts to LIMIT and no further: what lies beyond is found by filters and search, not by leafing."""

    LIMIT = 5_000
    template_name = "admin/_pages.html"

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most LIMIT."""
        rows = self.object_list
        return rows.order_by()[: self.LIMIT].count() if isinstance(rows, QuerySet) else len(rows)

    @property
    def cut(self) -> bool:
        """Whether there may be more rows than `count` says."""
        return self.count >= self.LIMIT


class BoundedChangeList(ChangeList):
    """The heading says how many were found, beside a way back to all, only where something narrows the list."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class ReadOnlyAdmin(ModelAdmin[Row]):
    """Rows to look at. Who may delete may still delete, where the model's own page allows it."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_facets = ShowFacets.NEVER  # counting for each filter would read the whole table
    list_disable_select_all = True
    list_fullwidth = True
    compressed_fields = True

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def page_of(self, request: HttpRequest, row: Row) -> dict[str, Any]:
        """What the page of a row shows beside its fields."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Row | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context.update(self.page_of(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Says so on the list; Django leads to the first page of all where rows cannot be changed."""
        super().response_delete(request, obj_display, obj_id)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
