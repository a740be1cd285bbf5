// Tells `saw` every state of a dashboard that anybody could see: at each change of the document, not only at its end.
(() => {
  const text = (place, query) => place.querySelector(query)?.textContent ?? null;
  const all = (query) => [...document.querySelectorAll(query)].map((found) => found.textContent);
  let last = "";
  const look = () => {
    const state = JSON.stringify({
      foot: text(document, ".hub-foot"),
      cards: Object.fromEntries(
        [...document.querySelectorAll("[class*=st-key-card-CNY-]")].map((card) => [
          card.className.match(/st-key-card-CNY-(\w+)/)[1], text(card, "[data-testid=stMetricValue]")])),
      month: all("#DEMO-2026-03 td"),
      figure: text(document, "#figure"),
      sum: text(document, "#sum"),
      amounts: all("table.hub[aria-label] tr:not([id]) td.amount:last-child:not(#sum)"),
      errors: all("[data-testid=stException], [data-testid=stAlertContentError], .hub-notice"),
    });
    if (state !== last) {
      last = state;
      window.saw(state);
    }
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
})();
