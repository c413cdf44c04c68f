"""Self-proofs: the button, how far one is, and what came of each. Every press is a row that stays."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from calls.read_only_admin import ReadOnlyAdmin
from media import access
from media.access import Right
from media.errors import ProofRuns
from media.models import SelfProof, StreamSession
from media.selfproof import proving


@admin.register(SelfProof)
class SelfProofAdmin(ReadOnlyAdmin[SelfProof]):
    list_display = ("__str__", "started_by", "verdict", "took")
    list_filter = ("good", ("started_at", admin.DateFieldListFilter))
    list_before_template = "admin/media/selfproof/button.html"
    change_form_template = "admin/media/selfproof/change_form.html"
    fields = ("started_by",)

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css")}

    @admin.display(ordering="good")
    def verdict(self, proof: SelfProof) -> str:
        if proving.is_running(proof):
            return "runs"
        wrong = ", ".join(check["name"] for check in proof.checks if not check["good"])
        return "all as it must be" if proof.good else f"wrong: {wrong or 'it broke off'}"

    @admin.display
    def took(self, proof: SelfProof) -> str:
        return f"{(proof.finished_at - proof.started_at).total_seconds():.0f} s" if proof.finished_at else "–"

    def get_urls(self) -> list[URLPattern]:
        prove = path("prove/", self.admin_site.admin_view(require_POST(self.prove)), name="media_selfproof_prove")
        live = path("<int:proof_id>/live/", self.admin_site.admin_view(self.live), name="media_selfproof_live")
        return [prove, live, *super().get_urls()]

    def prove(self, request: HttpRequest) -> HttpResponse:
        """Begins one, which then runs by itself, and shows its page; the running one's where there is one."""
        user = cast(User, request.user)
        access.demand(user, Right.PROVE)
        try:
            proof = proving.begin(user.get_username())
        except ProofRuns as runs:
            messages.warning(request, str(runs))
            proof = SelfProof.objects.filter(finished_at=None)[0]
        else:
            proving.in_background(proof)
        return redirect("admin:media_selfproof_change", proof.pk)

    def live(self, request: HttpRequest, proof_id: int) -> HttpResponse:
        """The part of the page that changes while it runs."""
        access.demand(cast(User, request.user), Right.PROVE)
        proof = get_object_or_404(SelfProof, pk=proof_id)
        return TemplateResponse(request, "admin/media/selfproof/live.html", _page(proof))

    def page_of(self, request: HttpRequest, row: SelfProof) -> dict[str, Any]:
        return _page(row)


def _page(proof: SelfProof) -> dict[str, Any]:
    over = proof.session_id if proof.finished_at else None
    kept = over is not None and StreamSession.objects.filter(pk=over).exists()
    return {"proof": proof, "runs": proving.is_running(proof), "kept": kept}
