// Desde una carpeta, el navegador no deja leer otra página para citarla en la búsqueda.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
