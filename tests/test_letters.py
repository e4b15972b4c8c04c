"""Letters: complete in every language, and of one shape whatever a name contains."""

from importlib import resources

import pytest
from jinja2 import Environment, nodes

from letter_contexts import CONTEXTS, URL
from mycvault import locales
from mycvault.errors import SetupError
from mycvault.outbox.letters import Letters, Rendered
from mycvault.values.choices import Alert, Channel

# What an SMS says instead of the whole.
SHORT = {
    "delivery-receipt": {"summary": "Vos bulletins de paie sont sur papier."},
    "security-alert": {"alert": "new-device"},
}
BY_MAIL_ALONE = {"confirm-address", "account-erased", "identifier-reminder"}
# GSM 03.38: one character outside it more than halves what an SMS holds.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
every_letter = pytest.mark.parametrize("template", CONTEXTS)
every_language = pytest.mark.parametrize("locale", locales.AVAILABLE)


def shipped(locale):
    return resources.files("mycvault.locales").joinpath(locale, "letters")


def blocks(locale, template):
    source = shipped(locale).joinpath(f"{template}.j2").read_text(encoding="utf-8")
    return {block.name for block in Environment().parse(source).find_all(nodes.Block)}


def render(template, *, locale="fr", channel=Channel.EMAIL, folder=None, **changed) -> Rendered:
    context = CONTEXTS.get(template, {}) | SHORT.get(template, {}) | changed
    return Letters(folder).render(template, locale=locale, channel=channel, context=context)


def test_every_language_has_the_same_letters():
    """A letter that exists in one language exists in the other, and none is forgotten here."""
    french, english = (
        {entry.name for entry in shipped(locale).iterdir()} for locale in ("fr", "en")
    )

    assert french == english == {f"{name}.j2" for name in (*CONTEXTS, "layout", "parts")}


@every_letter
def test_letter_has_the_same_blocks_in_every_language(template):
    """What a letter can be is the same in both languages."""
    french = blocks("fr", template)

    assert french == blocks("en", template)
    assert french >= {"subject", "text", "body"}


@every_language
@every_letter
def test_letter_renders_as_an_e_mail(template, locale):
    """A letter says everything it was given in its text and its HTML body, and fetches nothing."""
    letter = render(template, locale=locale)

    assert letter.html is not None
    for value in CONTEXTS[template].values():
        assert value in letter.text
        assert value in letter.html
    assert letter.subject
    assert "\n\n\n" not in letter.text
    assert f'<html lang="{locale}">' in letter.html
    assert not any(word in letter.html for word in ("<img", "<link", "<script", "url(", "@import"))


@every_language
@every_letter
def test_letter_renders_with_nothing_but_the_least(template, locale):
    """A letter still reads well when what may be empty is empty."""
    letter = render(template, locale=locale, given_name="", identifier="", sign_in_url="", kept="")

    assert letter.html is not None
    assert ' href=""' not in letter.html
    assert "\n\n\n" not in letter.text
    assert " ," not in letter.text


@every_language
@pytest.mark.parametrize("template", [name for name in CONTEXTS if name not in BY_MAIL_ALONE])
def test_letter_renders_as_one_sms(template, locale):
    """An SMS has no subject and no HTML, keeps to the GSM alphabet and fits into one message."""
    letter = render(template, locale=locale, channel=Channel.SMS)

    assert letter == Rendered(subject="", text=letter.text, html=None)
    assert set(letter.text) <= GSM
    assert len(letter.text) <= 140


@every_language
@pytest.mark.parametrize("what", Alert)
def test_every_alert_fits_an_sms(what, locale):
    """Whatever happened is said in one SMS, in the GSM alphabet."""
    fact = locales.text(locale, "alerts", f"{what}.fact")

    letter = render("security-alert", locale=locale, channel=Channel.SMS, fact=fact, link="")

    assert set(letter.text) <= GSM
    assert len(letter.text) <= 160


def test_letter_without_an_sms_sends_its_text():
    """A letter that has no short form goes out as its text."""
    letter = render("confirm-address", channel=Channel.SMS)

    assert letter.text == render("confirm-address").text.strip()


@every_language
@pytest.mark.parametrize("template", ["activation-code", "sign-in-code", "confirm-code"])
def test_code_stays_out_of_the_subject(template, locale):
    """A code is not in a subject, which a locked screen shows."""
    assert "048213" not in render(template, locale=locale).subject


def test_one_minute_is_singular():
    """A code that is valid for one minute says "minute"."""
    assert "1 minute." in render("sign-in-code", minutes="1").text


@every_language
@pytest.mark.parametrize("template", ["invitation", "activated", "confirm-address", "new-document"])
def test_names_are_escaped_in_html_alone(template, locale):
    """A name full of markup is shown, never obeyed."""
    letter = render(template, locale=locale, given_name="<b>Zoé & Co</b>")

    assert letter.html is not None
    assert "&lt;b&gt;Zoé &amp; Co&lt;/b&gt;" in letter.html
    assert "<b>" not in letter.html
    assert "<b>Zoé & Co</b>" in letter.text


def test_link_cannot_leave_its_attribute():
    """A link with a quotation mark stays inside its attribute."""
    letter = render("invitation", link='https://x.example/"onclick="a')

    assert letter.html is not None
    assert '"onclick=' not in letter.html


@pytest.mark.parametrize("link", ["javascript:alert(1)", "c2VjcmV0"])
def test_what_is_no_web_address_is_shown_and_not_linked(link):
    """A bare token, or another scheme, is text to read."""
    letter = render("invitation", link=link)

    assert letter.html is not None
    assert link in letter.html
    assert "<a " not in letter.html


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x1b", "\x85", "\u2028"])
def test_subject_is_one_line(break_):
    """An employer's name cannot add a header, nor a line to the text."""
    letter = render("invitation", employer_name=f"Zoé{break_}Bcc: x@example.org")

    assert letter.subject.startswith("Zoé Bcc: x@example.org")
    assert letter.subject.isprintable() or "\u00a0" in letter.subject
    assert "Zoé Bcc: x@example.org" in letter.text


def test_template_code_in_a_name_is_not_run():
    """A name that looks like a template is a name."""
    assert "{{ 7 * 7 }}" in render("invitation", given_name="{{ 7 * 7 }}").text


def test_folder_of_the_host_replaces_a_letter(tmp_path):
    """A host's template is taken by language first, then for all, then ours."""
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "sign-in-code.j2").write_text(
        "{% block subject %}Maison{% endblock %}{% block text %}{{ code }}{% endblock %}"
    )
    (tmp_path / "sign-in-code.j2").write_text(
        "{% block subject %}House{% endblock %}{% block text %}{{ code }}{% endblock %}"
    )
    folder = str(tmp_path)

    assert render("sign-in-code", locale="fr-FR", folder=folder) == Rendered(
        subject="Maison", text="048213\n", html=None
    )
    assert render("sign-in-code", locale="en", folder=folder).subject == "House"
    assert render("activated", locale="fr", folder=folder) == render("activated", locale="fr")


def test_host_may_bring_a_language_of_its_own(tmp_path):
    """A language we do not have is found in the host's folder, and falls back on French."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "activated.j2").write_text(
        "{% block subject %}Offen{% endblock %}{% block text %}Hallo{% endblock %}"
    )

    assert render("activated", locale="de-AT", folder=str(tmp_path)).subject == "Offen"
    assert render("sign-in-code", locale="de", folder=str(tmp_path)) == render("sign-in-code")


def test_host_may_replace_the_frame_alone(tmp_path):
    """A layout of the host's goes around our letters."""
    (tmp_path / "layout.j2").write_text(
        "{% block html %}<main>{% block body %}{% endblock %}</main>{% endblock %}"
    )

    html = render("invitation", folder=str(tmp_path)).html

    assert html is not None
    assert html.startswith("<main>")
    assert URL in html


def test_html_of_a_host_is_escaped_without_asking(tmp_path):
    """A host's template that forgets to escape is escaped all the same."""
    (tmp_path / "activated.j2").write_text(
        "{% block subject %}S{% endblock %}{% block text %}T{% endblock %}"
        "{% block html %}{{ given_name }}{% endblock %}"
    )

    assert render("activated", folder=str(tmp_path), given_name="<b>").html == "&lt;b&gt;\n"


@pytest.mark.parametrize("locale", ["../fr", "/etc", "fr/..", "", "fr\x00"])
def test_language_cannot_leave_the_folder(tmp_path, locale):
    """A language that is a path is no language: French."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "activated.j2").write_text("stolen")

    letter = render("activated", locale=locale, folder=str(tmp_path / "inner"))

    assert letter == render("activated")


@pytest.mark.parametrize("template", ["no-such-letter", "../errors", "", "fr/invitation"])
def test_unknown_template_is_a_matter_of_deployment(template):
    """A template nobody has is SetupError, with its cause."""
    with pytest.raises(SetupError) as caught:
        render(template)

    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "source",
    [
        "{% block text %}{{ secret }}",
        "{% block subject %}S{% endblock %}",
        "{% block subject %}S{% endblock %}{% block text %}{{ absent }}{% endblock %}",
        "{% block subject %}S{% endblock %}{% block text %}{{ code / 2 }}{% endblock %}",
        "{% block subject %}S{% endblock %}{% block text %}{{ code.__class__.mro() }}{% endblock %}",
    ],
    ids=["syntax", "no text", "undefined", "raises", "sandbox"],
)
def test_broken_template_of_a_host_is_a_matter_of_deployment(tmp_path, source):
    """A host's template that cannot be rendered is SetupError, and says nothing of the letter."""
    (tmp_path / "sign-in-code.j2").write_text(source)

    with pytest.raises(SetupError) as caught:
        render("sign-in-code", folder=str(tmp_path))

    assert caught.value.__cause__ is not None
    assert "048213" not in str(caught.value)


def test_missing_folder_is_a_matter_of_deployment(tmp_path):
    """A folder of templates that is not there is told at once."""
    with pytest.raises(SetupError):
        Letters(str(tmp_path / "absent"))


def test_rendered_letter_hides_its_words():
    """The repr of a rendered letter shows no code."""
    assert "048213" not in repr(render("sign-in-code"))
