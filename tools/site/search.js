// Lo que se busca se compara sin tildes, como se escribe en el teléfono.
const withoutAccents = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");
var splitQuery = (query) =>
  withoutAccents(query).split(/[^\p{L}\p{N}_]+/u).filter((word) => word);

// Cada término del glosario sale con su nombre, no con el de la página.
const setIndex = Search.setIndex;
Search.setIndex = (index) => {
  for (const [term, places] of Object.entries(index.indexentries)) {
    const plain = withoutAccents(term);
    const name = (id) => (plain === term ? id.slice(5).replaceAll("-", " ") : term);
    for (const [page, id] of places) index.alltitles[name(id)] = [[page, id]];
    delete index.indexentries[term];
    if (plain !== term) index.indexentries[plain] = places;
  }
  setIndex(index);
};
