// Keeps a page up to date: it hears over a WebSocket that something has changed,
// or asks where that cannot be had, fetches the page again and puts in what is
// new. What somebody is just filling in stays as it is.
"use strict";
(() => {
  const base = document.body.dataset.base;
  const words = document.getElementById("live");
  const askEvery = 5000, socketAgain = 30000, firstPause = 1000, longestPause = 15000, longestAnswer = 10000;
  let state = document.body.dataset.state;
  let heard = false; // a WebSocket has worked
  let lost = false;
  let pause = firstPause;
  let polling = 0;

  function show(text, isLost) {
    if (lost !== isLost || words.textContent !== text) words.textContent = text;
    words.classList.toggle("lost", isLost);
    lost = isLost;
  }

  function busy(part) {
    const active = document.activeElement;
    if (active && part.contains(active) && active.matches("input, select, textarea, button, summary")) return true;
    return part.querySelector("form[data-touched], details[open] form") !== null;
  }

  function put(fresh) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other || busy(part) || other.innerHTML === part.dataset.html) continue;
      const html = other.innerHTML;
      if (part.innerHTML === html) continue;
      const open = [...part.querySelectorAll("details[open][id]")].map((d) => d.id);
      const scrolled = [...part.querySelectorAll(".scroll")].map((s) => s.scrollLeft);
      part.innerHTML = html;
      part.dataset.html = html;
      for (const id of open) { const d = document.getElementById(id); if (d) d.open = true; }
      part.querySelectorAll(".scroll").forEach((s, i) => { s.scrollLeft = scrolled[i] || 0; });
      part.classList.remove("fresh");
      void part.offsetWidth;
      part.classList.add("fresh");
    }
  }

  // A page that is being left, for what a form leads to, must not go elsewhere
  // before it is gone. A download leaves it where it is.
  let leftAt = 0;
  addEventListener("beforeunload", () => { leftAt = Date.now(); });
  function go(to) {
    const wait = leftAt + longestAnswer - Date.now();
    if (wait > 0) setTimeout(go, wait, to);
    else if (to === location.href) location.reload();
    else location.assign(to);
  }

  let fetching = false, again = false;
  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    const began = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Dosegate-Live": "1" }, cache: "no-store" });
      if (answer.redirected) { go(answer.url); return; } // to the login
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // A page that appeared or vanished as a whole is loaded anew.
      const parts = (d) => [...d.querySelectorAll("[data-live]")].map((p) => p.id).join();
      if (parts(fresh) !== parts(document) && !document.querySelector("form[data-touched]")) { go(location.href); return; }
      put(fresh);
      state = fresh.body.dataset.state;
    } catch {
      // The next news, or the next question, tries again.
    } finally {
      // Where much happens a page keeps up at leisure.
      setTimeout(() => {
        fetching = false;
        if (again) { again = false; refresh(); }
      }, Math.max(500, 2 * (Date.now() - began)));
    }
  }

  function news(version) {
    if (version !== state) { state = version; refresh(); }
  }

  async function ask() {
    try {
      const answer = await fetch(base + "/api/v1/state", { headers: { "X-Dosegate-Live": "1" }, cache: "no-store" });
      if (answer.status === 401) { go(base + "/login?to=" + encodeURIComponent(location.pathname.slice(base.length) + location.search)); return; }
      if (!answer.ok) throw new Error("no answer");
      show("up to date", false);
      news((await answer.json()).version);
    } catch {
      show("connection lost, trying again", true);
    }
  }

  function poll(on) {
    if (on && !polling) { polling = setInterval(ask, askEvery); ask(); }
    if (!on && polling) { clearInterval(polling); polling = 0; }
  }

  function connect() {
    let socket;
    try {
      socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + base + "/live");
    } catch {
      poll(true);
      return;
    }
    socket.onmessage = (m) => {
      heard = true;
      pause = firstPause;
      poll(false);
      show("live", false);
      news(JSON.parse(m.data).version);
    };
    socket.onclose = () => {
      poll(true);
      setTimeout(connect, heard ? pause : socketAgain);
      pause = Math.min(pause * 2, longestPause);
    };
  }

  document.addEventListener("input", (e) => { if (e.target.form) e.target.form.dataset.touched = "1"; });
  addEventListener("pageshow", (e) => { if (e.persisted) refresh(); });
  if (state) connect();
})();
