// Voice messages: play, wind, speed, and their waveform, drawn here from the file itself.
// Without this file the browser's own player stands there.
(() => {
  "use strict";

  const BARS = 44;
  const SPEEDS = [1, 1.5, 2];
  const LARGEST_BYTES = 4_000_000;
  const STEPS = 1000;

  let speed = SPEEDS[0];

  function clock(seconds) {
    const whole = Number.isFinite(seconds) ? Math.floor(seconds) : 0;
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  // The loudest sample of each stretch, as parts of the loudest of all.
  function peaksOf(samples) {
    const length = Math.max(1, Math.floor(samples.length / BARS));
    const peaks = Array.from({ length: BARS }, (_, bar) => {
      let peak = 0;
      for (let at = bar * length; at < Math.min((bar + 1) * length, samples.length); at += 8) {
        peak = Math.max(peak, Math.abs(samples[at]));
      }
      return peak;
    });
    const loudest = Math.max(...peaks, 0.001);
    return peaks.map((peak) => peak / loudest);
  }

  class Player {
    constructor(element) {
      this.audio = element.querySelector("audio");
      this.element = element;
      this.peaks = null;
      this.seconds = NaN;
      element.append(document.getElementById("voice-part").content.cloneNode(true));
      element.classList.add("is-player");
      element.dataset.live = "";
      const part = (name) => element.querySelector(`[data-voice-${name}]`);
      this.button = part("play");
      this.slider = part("seek");
      this.canvas = part("wave");
      this.time = part("time");
      this.pace = part("speed");
      this.label = this.audio.getAttribute("aria-label");
      this.slider.setAttribute("aria-label", `Place in ${this.label}`);
      this.audio.controls = false;
      this.listen();
      this.show();
      inView.observe(element);
    }

    listen() {
      const { audio } = this;
      this.button.addEventListener("click", () => (audio.paused ? this.play() : audio.pause()));
      this.slider.addEventListener("input", () => this.wind());
      this.pace.addEventListener("click", () => {
        speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
        for (const player of players.values()) player.show();
      });
      for (const name of ["play", "pause", "timeupdate", "ended", "loadedmetadata", "durationchange"]) {
        audio.addEventListener(name, () => this.show());
      }
      audio.addEventListener("ended", () => (audio.currentTime = 0));
      audio.addEventListener("error", () => this.fail());
      if (audio.error) this.fail();
    }

    get duration() {
      return Number.isFinite(this.audio.duration) ? this.audio.duration : this.seconds;
    }

    async play() {
      for (const player of players.values()) if (player !== this) player.audio.pause();
      this.audio.playbackRate = speed;
      try {
        await this.audio.play();
      } catch {
        if (this.audio.error) this.fail();
      }
    }

    wind() {
      if (Number.isFinite(this.duration)) this.audio.currentTime = (this.slider.value / STEPS) * this.duration;
    }

    fail() {
      const why = this.element.querySelector("[data-voice-why]");
      why.hidden = false;
      why.querySelector("a").href = this.audio.currentSrc || this.audio.src;
      this.button.disabled = true;
    }

    show() {
      const { audio, duration } = this;
      const part = duration ? audio.currentTime / duration : 0;
      audio.playbackRate = speed;
      this.button.setAttribute("aria-label", `${audio.paused ? "Play" : "Pause"}: ${this.label}`);
      this.element.classList.toggle("is-playing", !audio.paused);
      if (document.activeElement !== this.slider || !audio.paused) this.slider.value = Math.round(part * STEPS);
      const at = audio.currentTime ? `${clock(audio.currentTime)} of ${clock(duration)}` : clock(duration);
      this.slider.setAttribute("aria-valuetext", at);
      this.time.textContent = Number.isFinite(duration) ? at : "";
      this.pace.textContent = `${speed}×`;
      this.pace.setAttribute("aria-label", `Speed ${speed}, change`);
      this.draw(part);
    }

    draw(part) {
      const { canvas } = this;
      const scale = window.devicePixelRatio || 1;
      const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
      if (!width) return;
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const pen = canvas.getContext("2d");
      pen.clearRect(0, 0, width, height);
      pen.fillStyle = getComputedStyle(canvas).color;
      const gap = width / BARS;
      for (let bar = 0; bar < BARS; bar += 1) {
        const tall = Math.max(3 * scale, (this.peaks?.[bar] ?? 0) * height * 0.92);
        pen.globalAlpha = (bar + 0.5) / BARS <= part ? 1 : 0.4;
        pen.fillRect(bar * gap, (height - tall) / 2, Math.max(scale, gap * 0.6), tall);
      }
    }

    // The browser keeps the file, so this costs no second download.
    async measure() {
      if (Number(this.element.dataset.size) > LARGEST_BYTES || !window.OfflineAudioContext) return;
      try {
        const answer = await fetch(this.audio.src);
        if (!answer.ok) return;
        const sound = await new OfflineAudioContext(1, 1, 22050).decodeAudioData(await answer.arrayBuffer());
        this.peaks = peaksOf(sound.getChannelData(0));
        this.seconds = sound.duration;
        this.show();
      } catch {
        // A kind of sound it cannot read: the bars stay flat, the player still plays what it can.
      }
    }
  }

  const players = new Map();
  const inView = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inView.unobserve(target);
      const player = players.get(target);
      player?.show();
      player?.measure();
    }
  });

  function upgrade() {
    for (const element of players.keys()) if (!element.isConnected) players.delete(element);
    if (!document.getElementById("voice-part")) return;
    for (const element of document.querySelectorAll("[data-voice]:not([data-live])")) {
      players.set(element, new Player(element));
    }
  }

  document.addEventListener("htmx:afterSettle", upgrade);
  window.addEventListener("resize", () => players.forEach((player) => player.show()));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", upgrade);
  else upgrade();
})();
