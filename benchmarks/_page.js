// What benchmarks/widgets.py measures in the page, by the page's own clock, in milliseconds.

(() => {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(0);
  }));

  window.measured = {
    // Waits for a click into a node, and until the decoded parts are those of the frame that is then shown.
    click(root, decoded) {
      window.outcome = new Promise((resolve) => {
        root.addEventListener("click", (event) => {
          const before = decoded();
          const observer = new MutationObserver(async () => {
            const now = decoded();
            if (now === null || now === before) return;
            observer.disconnect();
            const dom = performance.now();
            resolve([dom - event.timeStamp, (await painted()) - event.timeStamp]);
          });
          observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
        }, { capture: true, once: true });
      });
    },

    // From the start of a cell to the picture of its widget; and from the message that shows it.
    render(kernel, find) {
      window.outcome = new Promise((resolve) => {
        let started = 0, opened = 0;
        const heard = (_, message) => {
          if (message.header.msg_type === "execute_input") started = performance.now();
          if (message.header.msg_type === "execute_result") opened = performance.now();
        };
        kernel.iopubMessage.connect(heard);
        const observer = new MutationObserver(async () => {
          if (!opened || !find()) return;
          observer.disconnect();
          kernel.iopubMessage.disconnect(heard);
          const at = await painted();
          resolve([at - started, at - opened]);
        });
        observer.observe(document.body, { subtree: true, childList: true });
      });
    },

    // Pictures of a film, each of another moment: how many a second, and how long the script of each took.
    async film(player, count) {
      const length = player.store.length;
      const scripts = [];
      const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const started = await next();
      let now = started;
      for (let picture = 1; picture <= count; picture++) {
        const before = performance.now();
        player.seek((length * picture) / count);
        scripts.push(performance.now() - before);
        now = await next();
      }
      return [(1000 * count) / (now - started), scripts];
    },

    // Times between pictures until it is told to stop.
    beat() {
      const times = [];
      let going = true;
      const tick = (now) => { times.push(now); if (going) requestAnimationFrame(tick); };
      requestAnimationFrame(tick);
      window.stop = () => { going = false; return times.slice(1).map((now, place) => now - times[place]); };
    },

    // How old what a live exchange shows is, for that many updates of it.
    live(root, count) {
      const ages = [];
      const shown = [];
      return new Promise((resolve) => {
        const heard = (event) => {
          ages.push(...event.detail);
          shown.push(performance.now());
          if (ages.length < count) return;
          root.removeEventListener("wsedu-shown", heard);
          resolve([ages, (1000 * ages.length) / (shown.at(-1) - shown[0])]);
        };
        root.addEventListener("wsedu-shown", heard);
      });
    },
  };
})();
