"""The address book: people by number and id, one by one or as a file. Every change is heard by all calls at once
(calls/services/naming.py)."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from calls.access import Right
from calls.address_book import Entry
from calls.admin import book_file
from calls.errors import Unnameable
from calls.identifiers import display_of, kind_of
from calls.models import Person
from calls.read_only_admin import BoundedChangeList, BoundedPaginator, ModelAdmin, ModelForm
from calls.services import naming

CSS = {"all": ("media/player.css", "media/session.css", "media/admin.css", "calls/admin.css")}


class PersonForm(ModelForm[Person]):
    raw_id = forms.CharField(
        label="Number or raw id",
        max_length=300,
        widget=UnfoldAdminTextInputWidget(),
        help_text="+1 555 0100, 8:acs:…, 8:orgid:…",
    )

    class Meta:
        model = Person
        fields: ClassVar = ("raw_id", "name")

    def clean_raw_id(self) -> str:
        return _checked(naming.whom, self.cleaned_data["raw_id"])

    def clean_name(self) -> str:
        return _checked(naming.called, self.cleaned_data["name"])


class BookForm(forms.Form):
    file = forms.FileField(
        required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv", "aria-label": "CSV file"})
    )


def _checked(check: Any, given: str) -> str:
    try:
        return str(check(given))
    except Unnameable as error:
        raise forms.ValidationError(str(error)) from None


@admin.register(Person)
class PersonAdmin(ModelAdmin[Person]):
    form = PersonForm
    list_display = ("name", "number", "kind", "changed", "changed_by")
    list_select_related = ("changed_by",)
    search_fields = ("name", "raw_id")
    search_help_text = "A part of a name, number or id"
    show_full_result_count = False
    paginator = BoundedPaginator
    counted = "people"  # templates/admin/_pages.html
    list_before_template = "admin/calls/person/file_links.html"

    class Media:
        css = CSS

    # --- rows ---------------------------------------------------------------------------------------------------------

    @admin.display(ordering="raw_id")
    def number(self, person: Person) -> str:
        return display_of(person.raw_id)

    @admin.display
    def kind(self, person: Person) -> str:
        return kind_of(person.raw_id)

    @admin.display(description="changed (UTC)", ordering="changed_at")
    def changed(self, person: Person) -> str:
        return f"{person.changed_at:%Y-%m-%d %H:%M}"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        return ("raw_id", "changed", "changed_by") if obj else ()

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        obj.pk = naming.name(obj.raw_id, obj.name, cast(User, request.user)).pk

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        naming.forget([obj.raw_id])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        naming.forget(list(queryset.values_list("raw_id", flat=True)))

    # --- pages of their own -------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = {"import": self.bring_in, "export": self.take_out, "call_it": self.call_it}
        wrap = self.admin_site.admin_view
        return [
            *(path(f"{name}/", wrap(view), name=f"calls_person_{name}") for name, view in own.items()),
            *super().get_urls(),
        ]

    def call_it(self, request: HttpRequest) -> HttpResponseRedirect:
        """To the page where this raw id has or gets its name."""
        raw_id = request.GET.get("raw_id", "")
        known = Person.objects.filter(raw_id=raw_id).first()
        if known:
            return redirect("admin:calls_person_change", known.pk)
        return redirect(f"{reverse('admin:calls_person_add')}?{urlencode({'raw_id': raw_id})}")

    def take_out(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(Right.PEOPLE):
            raise PermissionDenied
        content = book_file.write(Person.objects.order_by("name", "raw_id").values_list("raw_id", "name"))
        named = {"Content-Disposition": 'attachment; filename="address-book.csv"'}
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=named)

    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """First a look at what a file would change, then the change."""
        if not (request.user.has_perm("calls.add_person") and request.user.has_perm(Right.NAME)):
            raise PermissionDenied
        preview, fault = None, ""
        try:
            if sealed := request.POST.get("sealed"):
                return self._take(request, book_file.unsealed(sealed))
            if request.method == "POST":
                preview = book_file.preview(request.FILES.get("file"))
        except book_file.BadFile as error:
            fault = str(error)
        context = {**self.admin_site.each_context(request), "title": "Import a CSV file", "opts": self.opts}
        context |= {"preview": preview, "fault": fault, "media": self.media, "form": BookForm()}
        return TemplateResponse(request, "admin/calls/person/import.html", context)

    def _take(self, request: HttpRequest, entries: list[Entry]) -> HttpResponse:
        changes = naming.changes(entries)
        naming.apply(changes, cast(User, request.user))
        new = sum(not change.old for change in changes)
        messages.success(request, f"{new} new in the address book, {len(changes) - new} called otherwise.")
        return redirect("admin:calls_person_changelist")
