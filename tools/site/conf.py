"""Cómo Sphinx arma el sitio; lo llama ``build.py``."""

import re
import unicodedata
from pathlib import Path

from docutils import nodes
from sphinx.search.es import SearchSpanish
from sphinx.transforms.post_transforms import SphinxPostTransform

from stamp import read_address

address = read_address()

project = html_title = "Optimización de hiperparámetros"
language = "es"
extensions = ["myst_nb"]
templates_path = ["templates"]
html_css_files = ["curso.css"]
html_js_files = ["curso.js"]
html_copy_source = False
html_use_index = False
html_permalinks_icon = "#"
html_favicon = "static/icono.svg"

nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
mathjax_path = "tex-svg.js"
mathjax3_config = {
    "svg": {"mtextInheritFont": True},  # con sus tildes
    "options": {"enableMenu": False},  # está en inglés y pide archivos que no hay
}

html_theme = "sphinx_book_theme"
html_theme_options = {
    "repository_url": f"https://github.com/{address['repository']}",
    "use_repository_button": True,
    "use_download_button": False,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "search_bar_text": "Buscar en el curso…",
    "navbar_persistent": [],
    "footer_content_items": ["extra-footer"],
    "extra_footer": "Textos e imágenes: "
    "<a href='https://creativecommons.org/licenses/by/4.0/deed.es'>CC BY 4.0</a>. "
    "Código: licencia MIT.",
}
html_context = {"default_mode": "auto"}


def plain(word):
    """Una palabra sin sus tildes, como se escribe en el teléfono."""
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class LinkTerms(SphinxPostTransform):
    """Enlaza con el glosario la primera vez que un cuaderno usa cada término."""

    default_priority = 900
    skipped = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block)
    skipped += (nodes.math, nodes.math_block, nodes.raw)

    def run(self, **kwargs):
        """Recorre los textos, salvo títulos, enlaces, código y fórmulas."""
        if self.env.docname in ("index", "glosario"):
            return
        glossary = "../" * self.env.docname.count("/") + "glosario.html"
        self.links = {
            name: f"{glossary}#{anchor}"
            for name, _, kind, _, anchor, _ in self.env.domains["std"].get_objects()
            if kind == "term"
        }
        # Primero lo más largo; de «frente de Pareto», también «frentes de Pareto».
        names = sorted(self.links, key=len, reverse=True)
        forms = (re.sub(r"(\w)\b", r"\1(?:e?s)?", plain(name)) for name in names)
        self.names = {f"t{i}": name for i, name in enumerate(names)}
        groups = (rf"(?P<t{i}>\b{form}\b)" for i, form in enumerate(forms))
        self.pattern = re.compile("|".join(groups), re.IGNORECASE)
        # El primer párrafo dice a qué parte del curso pertenece el cuaderno.
        self.first = next(self.document.findall(nodes.paragraph))
        for text in list(self.document.findall(nodes.Text)):
            if not self.is_inside(text):
                text.parent.replace(text, self.link(text.astext()))

    def is_inside(self, node):
        """Dice si un texto está donde no se enlaza."""
        while node := node.parent:
            if node is self.first or isinstance(node, self.skipped):
                return True
        return False

    def link(self, text):
        """El mismo texto, con enlaces en los términos que aún no lo tienen."""
        done, start = [], 0
        for found in self.pattern.finditer(plain(text)):
            if url := self.links.pop(self.names[found.lastgroup], None):
                done.append(nodes.Text(text[start : found.start()]))
                words = text[found.start() : found.end()]
                link = nodes.reference("", words, refuri=url, internal=True)
                link["classes"].append("term")
                done.append(link)
                start = found.end()
        return [*done, nodes.Text(text[start:])]


class SearchWithoutAccents(SearchSpanish):
    """La búsqueda de Sphinx en español, que halla lo mismo con tildes o sin ellas."""

    stopwords = SearchSpanish.stopwords | set(map(plain, SearchSpanish.stopwords))
    js_splitter_code = (Path(__file__).parent / "search.js").read_text("utf-8")

    def stem(self, word):
        """La raíz de una palabra, que se indexa sin tildes."""
        return super().stem(plain(word))


def setup(app):
    """Lo que Sphinx llama al empezar."""
    app.add_search_language(SearchWithoutAccents)
    app.add_post_transform(LinkTerms)
