"""A person's own pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from calls.account import views
from calls.account.forms import LoginForm

app_name = "account"
log_in = LoginView.as_view(
    template_name="account/login.html",
    authentication_form=LoginForm,
    redirect_authenticated_user=True,
    extra_context={"nobody_signs_in": views.nobody_signs_in},
)
urlpatterns = [
    path("login/", log_in, name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.change_password, name="password"),
    path("profile/tokens/", views.make_token, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke"),
]
