"use strict";
// The page asks the server for ready parts and puts them in place; what a user gave is escaped there.

const here = document.body.dataset;
const byId = id => document.getElementById(id);
const POLL = 400, QUIET = 15000;
let timer = 0, dating = 0, isClosed = false, isSending = false;

function headers(more) { return { "X-Actuarial-Page": here.page, ...more }; }

function lost() {
  if (!isClosed) { byId("lost").textContent = here.lost; byId("lost").hidden = false; }
  return null;
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(here.base + path, { cache: "no-store", ...options, headers: headers(options.headers) });
  } catch { return lost(); }
  if (response.status === 410) closed();
  // another program may have the port by now
  else if (response.headers.get("X-Actuarial-Proof") !== here.proof) return lost();
  byId("lost").hidden = true;
  return response;
}

// nothing is told to a server that has not shown who it is
const isOurs = async () => { const answer = await ask("state"); return Boolean(answer && answer.ok); };
const post = async (path, fields) => await isOurs() ? ask(path, { method: "POST", body: new URLSearchParams(fields) }) : null;

function closed() {
  isClosed = true;
  clearTimeout(timer);
  byId("main").hidden = true;
  byId("closed").hidden = false;
  byId("again").focus();
}

// ---------------------------------------------------------------- parts of the page

function place(parts) {
  for (const [id, html] of Object.entries(parts)) {
    const part = byId(id);
    if (part.source === html) continue;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (fresh.innerHTML === part.innerHTML) { part.source = html; continue; }
    const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
    part.innerHTML = part.source = html;
    // who works by the keyboard stays where they are
    if (focused !== null) { part.tabIndex = -1; (focused && byId(focused) || part).focus({ preventScroll: true }); }
  }
  const date = byId("valuation-date");
  if (document.activeElement !== date) date.value = byId("chosen-date").dataset.chosen;
}

async function take(response) {
  if (!response) { listen(QUIET); return; }
  if (response.ok) {
    const state = await response.json();
    place(state.parts);
    listen(state.is_busy ? POLL : QUIET);
  } else if (!isClosed) listen(QUIET);
}

function listen(pause) {
  clearTimeout(timer);
  if (!isClosed) timer = setTimeout(async () => take(await ask("state")), pause);
}

// ---------------------------------------------------------------- files

function tell(role, message) { byId(role === "basis" ? "basis-fault" : "file-fault").textContent = message; }

async function send(role, file) {
  tell(role, "");
  if (!file || isSending) return;
  if (file.size > Number(here.limit)) { tell(role, here.tooLarge); return; }
  isSending = true;
  if (!await isOurs()) { isSending = false; return; }
  clearTimeout(timer);
  const request = new XMLHttpRequest(), bar = byId("portfolio-progress");
  request.open("PUT", here.base + "file/" + role);
  request.setRequestHeader("X-Actuarial-Page", here.page);
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name.replace(/\p{Surrogate}/gu, "_")));
  if (role === "portfolio" && bar) {
    bar.hidden = false;
    request.upload.onprogress = event => { bar.value = event.loaded / event.total; };
  }
  request.onloadend = () => {
    isSending = false;
    if (bar) bar.hidden = true;
    const isAnswer = request.getResponseHeader("X-Actuarial-Proof") === here.proof;
    const answer = isAnswer ? JSON.parse(request.responseText) : {};
    if (request.status === 410) closed();
    else if (answer.parts) place(answer.parts);
    else tell(role, answer.code ? answer.code + ": " + answer.message : here.lost);
    listen(POLL);
  };
  request.send(file);
}

document.addEventListener("change", async event => {
  const field = event.target;
  if (field.dataset.role) { send(field.dataset.role, field.files[0]); field.value = ""; }
  else if (field.id === "valuation-date") {
    clearTimeout(dating);
    // a year being typed is a date too: 0002, 0020
    if (field.validity.valid) dating = setTimeout(async () => take(await post("date", { date: field.value })), 400);
  }
  else if (field.id === "basis") { tell("basis", ""); take(await post("basis", { basis: field.value })); }
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, event => {
    event.preventDefault();
    const drop = byId("drop");
    drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind !== "drop" || byId("portfolio").hidden) return;
    const item = event.dataTransfer.items[0], entry = item && item.webkitGetAsEntry && item.webkitGetAsEntry();
    if (event.dataTransfer.files.length !== 1 || (entry && entry.isDirectory)) tell("portfolio", here.noFile);
    else send("portfolio", event.dataTransfer.files[0]);
  });
}

document.addEventListener("click", async event => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.post) {
    if (button.dataset.isBusy) return;
    button.dataset.isBusy = "yes";
    const fields = new URLSearchParams(button.dataset.fields || "");
    if (button.dataset.post === "run") fields.append("company", byId("company").value);
    await take(await post(button.dataset.post, fields));
    delete button.dataset.isBusy;
  } else if (button.dataset.day) {
    clearTimeout(dating);
    take(await post("date", { date: button.dataset.day }));
  } else if (button.dataset.language) {
    const fields = new URLSearchParams(new FormData(form));
    fields.append("language", button.dataset.language);
    fields.append("company", byId("company").value);
    const response = await post("language", fields);
    if (response && response.ok) {
      sessionStorage.setItem("quoted", byId("quote").dataset.done || "");
      location.reload();
    }
  } else if (button.dataset.remove) {
    button.closest("li").remove();
    renew();
    byId("oked").focus();
  } else if (button.id === "print") print();
  else if (button.id === "clear") {
    const response = await post("language", { language: document.documentElement.lang, company: byId("company").value });
    if (response && response.ok) location.reload();
  }
});

// ---------------------------------------------------------------- the two pages

function show() {
  const name = location.hash === "#premium" ? "premium" : "portfolio";
  for (const view of ["portfolio", "premium"]) {
    byId(view).hidden = view !== name;
    if (view === name) byId("to-" + view).setAttribute("aria-current", "page");
    else byId("to-" + view).removeAttribute("aria-current");
  }
  document.title = byId(name + "-title").textContent + " – actuarial";
}

addEventListener("hashchange", () => { if (location.hash !== "#main") { show(); scrollTo(0, 0); } });

// ---------------------------------------------------------------- premium

const form = byId("calculator");

function choose() {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    part.hidden = form.elements[name].value !== value;
  }
}

function mark(wrong) {
  for (const place of form.querySelectorAll(".fault")) {
    const name = place.id.replace(/-fault$/, "");
    const message = name === "form" ? wrong[""] || "" : wrong[name] || "";
    place.textContent = message;
    const field = byId(name);
    if (!field) continue;
    if (message) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-errormessage", place.id); }
    else { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-errormessage"); }
  }
  const first = form.querySelector("[aria-invalid]");
  if (first) {
    byId("form-fault").textContent ||= here.correct;
    for (const fold of form.querySelectorAll("details:has([aria-invalid])")) fold.open = true;
    first.focus();
  }
}

let quoting = 0;
async function quote(isAsked) {
  const number = ++quoting;
  const response = await post("quote", new URLSearchParams(new FormData(form)));
  if (!response || !response.ok || number !== quoting) return;
  const answer = await response.json();
  mark(answer.wrong);
  if (!answer.html) { byId("quote").classList.add("old"); byId("quote").dataset.done = ""; return; }
  byId("quote").classList.remove("old");
  byId("quote").innerHTML = answer.html;
  byId("quote").dataset.done = "yes";
  if (isAsked && matchMedia("(max-width: 60rem)").matches) byId("quote").scrollIntoView();
}

let renewal = 0;
async function renew() {
  const number = ++renewal;
  const response = await post("years", new URLSearchParams(new FormData(form)));
  if (!response || !response.ok || number !== renewal) return;
  const parts = await response.json(), fresh = document.createElement("template"), fields = "#years input";
  fresh.innerHTML = `<div id="years">${parts.years}</div>`;
  const shown = [...document.querySelectorAll(fields)], asked = [...fresh.content.querySelectorAll(fields)];
  if (String(shown.map(field => field.id)) !== String(asked.map(field => field.id))) {
    byId("years").replaceChildren(...fresh.content.firstChild.childNodes);
    // what was typed while the server was asked
    for (const field of shown) if (byId(field.id)) byId(field.id).value = field.value;
  }
  byId("chosen").innerHTML = parts.chosen;
}

form.addEventListener("submit", event => { event.preventDefault(); quote(true); });
form.addEventListener("change", event => {
  choose();
  if (["contract_date", "workers"].includes(event.target.name)) renew();
});
form.addEventListener("input", () => byId("quote").classList.add("old"));

// ---------------------------------------------------------------- search of activities

const search = byId("oked"), list = byId("activities");
let pending = 0, asked = 0, at = -1;

function fold() { list.hidden = true; at = -1; search.setAttribute("aria-expanded", "false"); search.removeAttribute("aria-activedescendant"); }

async function find() {
  const number = ++asked;
  if (!search.value.trim()) { fold(); return; }
  const fields = new URLSearchParams(new FormData(form));
  fields.append("words", search.value);
  const response = await post("activities", fields);
  if (!response || !response.ok || number !== asked) return;
  list.innerHTML = (await response.json()).html;
  list.hidden = !list.children.length;
  search.setAttribute("aria-expanded", String(!list.hidden));
  at = -1;
}

function point(step) {
  const options = [...list.querySelectorAll("[role=option]")];
  if (list.hidden || !options.length) return;
  at = (at + step + options.length) % options.length;
  options.forEach((option, k) => option.setAttribute("aria-selected", String(k === at)));
  options[at].scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", options[at].id);
}

function pick(option) {
  const field = document.createElement("input");
  field.type = "hidden"; field.name = "oked"; field.value = option.dataset.code;
  byId("chosen").append(field);
  search.value = "";
  byId("oked-fault").textContent = "";
  search.removeAttribute("aria-invalid");
  fold();
  renew();
}

search.addEventListener("input", () => { clearTimeout(pending); pending = setTimeout(find, 150); });
search.addEventListener("focus", () => { if (search.value) find(); });
search.addEventListener("blur", () => setTimeout(fold, 150));
search.addEventListener("keydown", event => {
  if (event.key === "ArrowDown") { event.preventDefault(); point(1); }
  else if (event.key === "ArrowUp") { event.preventDefault(); point(-1); }
  else if (event.key === "Escape") fold();
  else if (event.key === "Enter" && !list.hidden) {
    event.preventDefault();
    const options = list.querySelectorAll("[role=option]");
    if (at >= 0 || options.length === 1) pick(options[Math.max(at, 0)]);
  }
});
list.addEventListener("mousedown", event => {
  const option = event.target.closest("[role=option]");
  if (option) { event.preventDefault(); pick(option); }
});

// ---------------------------------------------------------------- begin and end

// a page that is left says so; the server deletes what it was given unless it comes back at once
addEventListener("pagehide", () => { if (!isClosed) navigator.sendBeacon(here.base + "leave", here.page); });
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

byId("valuation-date").value = byId("chosen-date").dataset.chosen;
choose();
show();
if (sessionStorage.getItem("quoted")) { sessionStorage.removeItem("quoted"); quote(false); }
listen(POLL);
