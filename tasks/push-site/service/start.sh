set -e
# The repositories as the others left them: main has gone on by one commit since we cloned it.
export GIT_AUTHOR_NAME='Ines Moor' GIT_AUTHOR_EMAIL=ines@git.internal GIT_COMMITTER_NAME='Ines Moor'
export GIT_COMMITTER_EMAIL=ines@git.internal GIT_AUTHOR_DATE='2024-04-03T09:00:00Z'
export GIT_COMMITTER_DATE='2024-04-03T09:00:00Z'
cd /srv
mkdir -p repos
git init -q --bare repos/site.git
git -C repos/site.git config http.receivepack true
git -C repos/site.git config receive.denyNonFastForwards true
git init -q work
cd work
cp -r ../site/. .
git add -A
git commit -qm 'Start the site'
git branch draft
git push -q ../repos/site.git main draft
printf 'Mole\tclosed in winter\n' >> places.tsv
git commit -qam 'List the mole'
git push -q ../repos/site.git main
git checkout -q draft
echo 'Nothing here is decided.' > draft.txt
git add -A
git commit -qm 'Think aloud'
git push -q ../repos/site.git draft
cd ..
rm -rf work
exec python3 /srv/serve.py
