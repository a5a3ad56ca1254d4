// The drop zone of "Add a badge": drag, paste, a look at the file, and progress.
'use strict';

const part = (name) => document.querySelector(`[data-${name}]`);

function fill(files) {
  if (!files.length || !part('add')) return;
  const box = new DataTransfer();
  for (const file of files) box.items.add(file);
  part('zone-file').files = box.files;
  send();
}

function send() {
  const [file, ...others] = part('zone-file').files;
  if (!file) return;
  const name = others.length ? `${file.name} + ${others.length}` : file.name;
  part('zone').setAttribute('aria-busy', 'true');
  part('zone-title').textContent = part('zone').dataset.busy.replace('{name}', name);
  draw(file);
  upload(part('add'));
}

// A drawing of the chosen picture, from its pixels: it needs no address of its own.
async function draw(file) {
  const canvas = part('zone-canvas');
  try {
    const image = await createImageBitmap(file, { resizeWidth: 192, resizeQuality: 'high' });
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d').drawImage(image, 0, 0);
    canvas.hidden = false;
    part('zone-icon').hidden = true;
  } catch {
    canvas.hidden = true;
  }
}

function upload(form) {
  const bar = part('zone-progress');
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'text/html');
  request.upload.addEventListener('progress', (e) => {
    bar.hidden = !e.lengthComputable;
    bar.max = e.total || 1;
    bar.value = e.loaded;
  });
  request.addEventListener('load', () => arrive(request, form));
  request.addEventListener('error', () => form.submit());
  request.send(new FormData(form));
}

// Success leads to another page; a problem comes back as this page with its reason.
function arrive(request, form) {
  const page = new DOMParser().parseFromString(request.responseText, 'text/html');
  const main = page.querySelector('main');
  if (request.status < 400 && request.responseURL !== form.action) {
    location.assign(request.responseURL);
  } else if (main) {
    document.querySelector('main').replaceWith(main);
    document.title = page.title;
    window.scrollTo(0, 0);
    part('focus')?.focus();
    dress();
  } else {
    form.submit();
  }
}

function dress() {
  const zone = part('zone');
  if (!zone) return;
  zone.classList.add('dropzone-live');
  part('zone-send').hidden = true;
  part('zone-file').addEventListener('change', send);
  zone.addEventListener('dragover', () => { zone.dataset.over = ''; });
  for (const name of ['dragleave', 'drop']) zone.addEventListener(name, () => delete zone.dataset.over);
}

document.addEventListener('dragover', (e) => e.preventDefault());
document.addEventListener('drop', (e) => {
  e.preventDefault();
  fill(e.dataTransfer.files);
});
document.addEventListener('paste', (e) => {
  if (e.clipboardData.files.length) {
    e.preventDefault();
    fill(e.clipboardData.files);
    return;
  }
  const field = part('add')?.querySelector('textarea');
  const text = e.clipboardData.getData('text').trim();
  if (!field || !text || e.target.closest?.('input, textarea')) return;
  field.closest('details').open = true;
  field.value = text;
  field.focus();
});
dress();
