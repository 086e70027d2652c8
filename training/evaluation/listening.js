"use strict";
// One sound is current and one of its takes active. Switching takes goes on at the same moment of the other recording.
const sections = [...document.querySelectorAll("section")];
const takesOf = (section) => [...section.querySelectorAll(".take")];
const playerOf = (take) => take.querySelector("audio");
const loop = document.getElementById("loop");
let current = 0;
let active = sections.map(() => 0);

function show() {
  sections.forEach((section, at) => {
    section.classList.toggle("current", at === current);
    takesOf(section).forEach((take, index) => take.classList.toggle("active", index === active[at]));
  });
}

function stopAllBut(kept) {
  for (const player of document.querySelectorAll("audio")) if (player !== kept) player.pause();
}

function activate(sound, index) {
  const takes = takesOf(sections[sound]);
  if (index >= takes.length) return;
  const before = playerOf(takes[active[sound]]);
  const after = playerOf(takes[index]);
  current = sound;
  active[sound] = index;
  if (after !== before) {
    const running = !before.paused;
    after.currentTime = before.currentTime;
    if (running) after.play();
  }
  stopAllBut(after);
  show();
}

function go(sound) {
  if (sound < 0 || sound >= sections.length) return;
  const running = !playerOf(takesOf(sections[current])[active[current]]).paused;
  active[sound] = Math.min(active[current], takesOf(sections[sound]).length - 1);
  current = sound;
  const player = playerOf(takesOf(sections[sound])[active[sound]]);
  stopAllBut(player);
  player.currentTime = 0;
  if (running) player.play();
  show();
  sections[sound].scrollIntoView({ block: "nearest" });
}

sections.forEach((section, sound) => {
  takesOf(section).forEach((take, index) => {
    const player = playerOf(take);
    player.loop = loop.checked;
    player.addEventListener("play", () => {
      current = sound;
      active[sound] = index;
      stopAllBut(player);
      show();
    });
    take.querySelector(".picture").addEventListener("click", (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      activate(sound, index);
      player.currentTime = ((event.clientX - box.left) / box.width) * (player.duration || 0);
      player.play();
    });
    take.querySelector("h3").addEventListener("click", () => activate(sound, index));
  });
});

loop.addEventListener("change", () => {
  for (const player of document.querySelectorAll("audio")) player.loop = loop.checked;
  loop.blur();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !sections.length) return;
  const player = playerOf(takesOf(sections[current])[active[current]]);
  if (event.key >= "1" && event.key <= "9") activate(current, Number(event.key) - 1);
  else if (event.key === " ") player.paused ? player.play() : player.pause();
  else if (event.key === "j" || event.key === "ArrowDown") go(current + 1);
  else if (event.key === "k" || event.key === "ArrowUp") go(current - 1);
  else if (event.key === "r") player.currentTime = 0;
  else if (event.key === "l") loop.click();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

function draw() {
  for (const take of takesOf(sections[current])) {
    const player = playerOf(take);
    take.querySelector(".now").style.left = `${(100 * player.currentTime) / (player.duration || 1)}%`;
  }
  requestAnimationFrame(draw);
}

if (sections.length) {
  show();
  draw();
}
